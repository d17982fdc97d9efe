(** * Directions of every invariant affine subspace through a point

    Affine subspaces are given by equations with real coefficients. Proved here, for one that is invariant and contains the point u:
    - [real_lie]: the values at u of all fields of Lie(V) are its directions;
    - [chain_directions]: so are X_k(u + sum_j c_j g_j), where the g_j are such vectors found before;
    - [spanned]: if independent directions are as many as the dimension of an invariant subspace through u, it lies in every other one. *)
From Coq Require Import List ZArith QArith Qreals Reals Lia Lra Bool FMapPositive.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Linear Expr Slp Checks Flow Lie Orbit Words Gradient Dimension ModP Upper.
Import ListNotations.
Local Open Scope R_scope.

(** ** Affine subspaces with real equations *)
Definition rrow := (vec * R)%type.
Definition on_real (M : positive) (rows : list rrow) (u : vec) : Prop := forall c, In c rows -> pdot M (fst c) u = snd c.
Definition real_invariant (m : model) (s : positive -> bool -> R -> R) (rows : list rrow) : Prop :=
  forall u, on_real (m_nparams m) rows u -> forall x o c, In o (m_outs m) -> In c rows -> pdot (m_nparams m) (fst c) (grad s (out m o) x u) = 0.
Definition direction (M : positive) (rows : list rrow) (w : vec) : Prop := forall c, In c rows -> pdot M (fst c) w = 0.

Lemma pdot_ext M a v w : (forall i, (i <= M)%positive -> v i = w i) -> pdot M a v = pdot M a w.
Proof. intros H. apply lsum_eq. intros i Hi. apply plist_in in Hi. now rewrite H. Qed.
Lemma pdot_comb M a c d v w : pdot M a (fun i => c * v i + d * w i) = c * pdot M a v + d * pdot M a w.
Proof. unfold pdot. rewrite <- !lsum_scal, <- lsum_plus. apply lsum_eq. intros; ring. Qed.
Lemma on_real_plus M rows u w t : on_real M rows u -> direction M rows w -> on_real M rows (fun i => u i + t * w i).
Proof.
  intros Hu Hw c Hc. rewrite (pdot_ext M _ _ (fun i => 1 * u i + t * w i)) by (intros; ring). rewrite pdot_comb, (Hu c Hc), (Hw c Hc). ring.
Qed.
Lemma on_real_ext M rows u v : (forall i, (i <= M)%positive -> u i = v i) -> on_real M rows u -> on_real M rows v.
Proof. intros E H c Hc. rewrite <- (H c Hc). apply pdot_ext. intros. symmetry. now apply E. Qed.

Section Lie.
Variables (m : model) (s : positive -> bool -> R -> R) (rows : list rrow).
Let M := m_nparams m.
Hypothesis HT : real_invariant m s rows.

Theorem real_lie V : lie m s V -> forall u, on_real M rows u -> direction M rows (V u).
Proof.
  induction 1 as [o x Ho|a b V W _ IHV _ IHW|V W _ IHV _ IHW SV SW|V W E _ IHV]; intros u Hu c Hc.
  - now apply HT.
  - rewrite (pdot_comb M _ a b (V u) (W u)), IHV, IHW by auto. ring.
  - assert (G : forall (X Y : field), smooth1 m Y -> (forall u, on_real M rows u -> direction M rows (X u)) ->
       (forall u, on_real M rows u -> direction M rows (Y u)) ->
       pdot M (fst c) (fun i => lsum (map (fun j => X u j * partial (fun t => Y t i) j u) (plist M))) = 0).
    { intros X Y SY HX HY.
      assert (D : is_derive (fun t => pdot M (fst c) (Y (line u (cut M (X u)) t))) 0
        (pdot M (fst c) (fun i => lsum (map (fun j => X u j * partial (fun t => Y t i) j u) (plist M))))).
      { unfold pdot. apply (is_derive_lsum (fun i t => fst c i * Y (line u (cut M (X u)) t) i)). intros i Hi. apply plist_in in Hi.
        apply is_derive_scal. now apply line_derive. }
      rewrite <- (is_derive_unique _ _ _ D). apply is_derive_unique.
      apply is_derive_ext with (f := fun _ => 0); [|apply @is_derive_const].
      intros t. symmetry. apply HY; [|exact Hc]. apply (on_real_ext M rows (fun i => u i + t * X u i)).
      - intros i Hi. unfold line. now rewrite cut_in.
      - apply on_real_plus; [exact Hu|now apply HX]. }
    rewrite (pdot_ext M _ _ (fun i => 1 * lsum (map (fun j => V u j * partial (fun t => W t i) j u) (plist M)) +
       (-1) * lsum (map (fun j => W u j * partial (fun t => V t i) j u) (plist M)))).
    + rewrite (pdot_comb M _ 1 (-1)), (G V W), (G W V) by auto. ring.
    + intros i _. unfold bracket. rewrite <- !lsum_scal, <- lsum_plus. apply lsum_eq. intros; ring.
  - rewrite <- (IHV u Hu c Hc). apply pdot_ext. intros i Hi. symmetry. now apply E.
Qed.
End Lie.

Definition normal (c : row) : vec := fun i => dot c (ebasis i).
Lemma normal_ok M c v : row_le M c = true -> pdot M (normal c) v = dot c v.
Proof.
  unfold row_le, pdot, normal. induction c as [|[i q] c IH]; cbn [dot forallb fst]; intros H; [apply lsum_0; intros; ring|].
  apply andb_prop in H as [H1 H2]. rewrite <- (IH H2). rewrite (lsum_eq _ (fun j => Q2R q * (v j * ebasis j i) + dot c (ebasis j) * v j)).
  - rewrite lsum_plus, lsum_scal, (sum_basis v i); [reflexivity|apply plist_nodup|apply plist_in; now apply Pos.leb_le].
  - intros; ring.
Qed.

(** ** Spans *)
Lemma spanned M ns ws v a : Rlindep (plist M) ns -> Rlindep (plist M) ws -> (Pos.to_nat M <= length ns + length ws)%nat ->
  (forall n, In n ns -> pdot M n v = 0 /\ forall w, In w ws -> pdot M n w = 0) -> (forall w, In w ws -> pdot M a w = 0) -> pdot M a v = 0.
Proof.
  intros Hn Hw Len O Ha. destruct (Req_dec (pdot M a v) 0) as [E|E]; [exact E|exfalso].
  assert (HV : Rlindep (plist M) (v :: ws)).
  { intros [|g gs] L C; [easy|]. cbn [length] in L.
    assert (Z : Ipdot (plist M) a (Rlcomb (g :: gs) (v :: ws)) = 0) by (unfold Ipdot; apply lsum_0; intros i Hi; etransitivity;
      [exact (f_equal (Rmult (a i)) (C i Hi))|apply Rmult_0_r]).
    assert (Y : Ipdot (plist M) a (Rlcomb (g :: gs) (v :: ws)) = g * pdot M a v + Ipdot (plist M) a (Rlcomb gs ws)).
    { unfold Ipdot, pdot, Rlcomb. cbn [lcomb]. rewrite <- lsum_scal, <- lsum_plus. apply lsum_eq. intros; ring. }
    rewrite (Ipdot_lcomb_r (plist M) a gs ws) in Y by exact Ha. assert (g = 0) as ->.
    { destruct (Req_dec g 0) as [|N]; [easy|]. exfalso. assert (X : g * pdot M a v = 0) by lra. apply Rmult_integral in X as [X|X]; contradiction. }
    constructor; [reflexivity|]. apply Hw; [injection L as L; exact L|]. intros i Hi. assert (X := C i Hi). cbn [lcomb] in X. lra. }
  assert (K : Rlindep (plist M) (ns ++ v :: ws)).
  { apply orthogonal_indep; auto. intros n w Hni [<-|Hwi]; [exact (proj1 (O n Hni))|exact (proj2 (O n Hni) w Hwi)]. }
  apply Rlindep_le in K. rewrite app_length, plist_length in K. cbn [length] in K. unfold dvec, vec in *. lia.
Qed.
(** independent directions at u, [d] of them, of every invariant affine subspace through u *)
Definition directions (m : model) (s : positive -> bool -> R -> R) (u : vec) (d : nat) : Prop :=
  exists ws, length ws = d /\ Rlindep (plist (m_nparams m)) ws /\
  forall rows, real_invariant m s rows -> on_real (m_nparams m) rows u -> forall w, In w ws -> direction (m_nparams m) rows w.
Theorem directions_least m s u rows : Rlindep (plist (m_nparams m)) (map fst rows) -> real_invariant m s rows -> on_real (m_nparams m) rows u ->
  directions m s u (Pos.to_nat (m_nparams m) - length rows) ->
  forall rows', real_invariant m s rows' -> on_real (m_nparams m) rows' u -> forall v, on_real (m_nparams m) rows v -> on_real (m_nparams m) rows' v.
Proof.
  intros HI Hr Hu (ws & Len & Hw & D) rows' Hr' Hu' v Hv c Hc. set (M := m_nparams m) in *.
  assert (E : pdot M (fst c) (fun i => 1 * v i + (-1) * u i) = 0).
  { apply (spanned M (map fst rows) ws).
    - exact HI.
    - exact Hw.
    - rewrite map_length, Len. lia.
    - intros n Hn. apply in_map_iff in Hn as (r & <- & Hrow). split.
      + rewrite pdot_comb, (Hv r Hrow), (Hu r Hrow). ring.
      + intros w Hwi. exact (D rows Hr Hu w Hwi r Hrow).
    - intros w Hwi. exact (D rows' Hr' Hu' w Hwi c Hc). }
  rewrite pdot_comb, (Hu' c Hc) in E. lra.
Qed.
Lemma lie_directions m s u d : lie_ge m s u d -> directions m s u d.
Proof.
  intros (Fs & L & HF & HI). exists (map (fun V => V u) Fs). split; [now rewrite map_length|]. split; [exact HI|].
  intros rows Hr Hu w Hw. apply in_map_iff in Hw as (V & <- & HV). apply (real_lie m s rows Hr); auto.
Qed.

(** ** Chains: g_k = X_k(u + sum_j c_j g_j) *)
Section Chain.
Context {C A : Type} (O : ops C A) (M : positive) (P : list (gnode C)) (point : PM.t A).
Fixpoint shifted (cs : list C) (gs : list (PM.t A)) (i : positive) : A :=
  match cs, gs with c :: cs', g :: gs' => oadd O (omul O (ocst O c) (getA O g i)) (shifted cs' gs' i) | _, _ => getA O point i end.
Fixpoint chain (steps : list (gfield C * list C)) (gs : list (PM.t A)) : list (PM.t A) :=
  match steps with
  | [] => gs
  | (F, cs) :: steps' => chain steps' (gs ++ [gradvec O P F (vbuild M (shifted cs gs))])
  end.
End Chain.
Lemma chain_rel {CA CB A B} (RC : CA -> CB -> Prop) J (R : A -> B -> Prop) OA OB M P P' point point' : orel RC J R OA OB -> Forall2 (nrel RC) P P' ->
  (forall F F' th, fits J OA P F F' th) -> wrel R OA OB point point' -> forall steps steps', Forall2 (fun a b => frel RC (fst a) (fst b) /\
    Forall2 RC (snd a) (snd b)) steps steps' ->
  forall gs gs', Forall2 (wrel R OA OB) gs gs' -> Forall2 (wrel R OA OB) (chain OA M P point steps gs) (chain OB M P' point' steps' gs').
Proof.
  intros HO HP HJ Hpt steps steps' H. induction H as [|[F cs] [F' cs'] steps steps' [HF Hc] H IH]; cbn [chain]; intros gs gs' Hg; [exact Hg|].
    cbn [fst snd] in *.
  apply IH. apply Forall2_app; [exact Hg|]. constructor; [|constructor]. apply (mrel_wrel RC J R _ _ HO), (gradvec_rel RC J R _ _ HO); auto.
  apply (mrel_wrel RC J R _ _ HO), vbuild_rel. intros i. clear -HO Hpt Hg Hc. revert gs gs' Hg. induction Hc as [|c c' cs cs' H Hc IH]; intros gs gs' Hg.
  - destruct gs, gs'; apply Hpt.
  - destruct Hg as [|g g' gs gs' Hg' Hg]; cbn [shifted]; [apply Hpt|]. apply (rel_add HO); [|now apply IH].
    apply (rel_mul HO); [now apply (rel_cst HO)|apply Hg'].
Qed.
Lemma chain_length {C A} (O : ops C A) M P point : forall steps gs, length (chain O M P point steps gs) = (length gs + length steps)%nat.
Proof. induction steps as [|[F cs] steps IH]; cbn [chain length]; intros gs; [lia|]. rewrite IH, app_length. cbn [length]. lia. Qed.

Section Directions.
Variables (m : model) (s : positive -> bool -> R -> R) (mem : member).
Hypothesis Hd : act_derivable s.
Hypothesis Hm : poly_acts s mem.
Hypothesis W : wf_model m = true.
Hypothesis HM : forallb (has_member mem) (m_prog m) = true.
Let M := m_nparams m.
Let P := map (gconv Q2R mem) (m_prog m).
Variable rows : list rrow.
Hypothesis HT : real_invariant m s rows.

(** a polynomial field maps the affine subspace into its directions *)
Lemma gradvec_direction F th : field_ok m F -> on_real M rows (getA opsR th) -> direction M rows (getA opsR (gradvec opsR P F th)).
Proof.
  intros [_ Hc] Hu c Hin. set (u := getA opsR th) in *. set (x := fun j => getC opsR (gf_x F) j).
  rewrite (pdot_ext M _ _ (fun i => lsum (map (fun oc => snd oc * grad s (out m (fst oc)) x u i) (gf_cov F)))).
  2:{ intros i Hi. unfold P. now apply (grad_real m s mem Hd Hm W HM F th u x). }
  induction (gf_cov F) as [|[o b] l IH]; cbn [map].
  - unfold pdot. apply lsum_0. intros. unfold lsum; cbn. ring.
  - rewrite (pdot_ext M _ _ (fun i => b * grad s (out m o) x u i + 1 * lsum (map (fun oc => snd oc * grad s (out m (fst oc)) x u i) l)))
      by (intros; unfold lsum; cbn; ring).
    rewrite (pdot_comb M (fst c) b 1 (grad s (out m o) x u)), IH by (intros o' b' Ho; apply (Hc o' b'); now right).
    assert (E : pdot M (fst c) (grad s (out m o) x u) = 0) by (apply HT; [exact Hu|apply (Hc o b); now left|exact Hin]). rewrite E. ring.
Qed.
Lemma chain_directions point : on_real M rows (getA opsR point) -> forall steps, (forall F cs, In (F, cs) steps -> field_ok m F) ->
  forall gs, (forall g, In g gs -> direction M rows (getA opsR g)) -> forall g, In g (chain opsR M P point steps gs) -> direction M rows (getA opsR g).
Proof.
  intros Hp. induction steps as [|[F cs] steps IH]; cbn [chain]; intros HF gs Hg; [exact Hg|]. apply IH; [intros F' cs' H; apply (HF F' cs'); now right|].
  intros g H. apply in_app_or in H as [H|[<-|[]]]; [now apply Hg|]. apply gradvec_direction; [apply (HF F cs); now left|].
  apply (on_real_ext M rows (shifted opsR point cs gs)).
  { intros i Hi. unfold getA. rewrite vbuild_find. apply Pos.leb_le in Hi. now rewrite Hi. }
  clear -Hp Hg. revert gs Hg. induction cs as [|c cs IH]; intros [|g gs] Hg; try exact Hp.
  apply (on_real_ext M rows (fun i => shifted opsR point cs gs i + c * getA opsR g i)); [intros; cbn [shifted opsR oadd omul ocst]; ring|].
  apply on_real_plus; [apply IH; intros; apply Hg; now right|apply Hg; now left].
Qed.
End Directions.

(** ** Independent ones among vectors modulo p *)
Fixpoint pick_mask (p : Z) (fuel wanted : nat) (kept rows : list (list Z)) : list bool :=
  match rows with
  | [] => []
  | r :: rows' =>
    match wanted with
    | O => []
    | S n => match elim p fuel (S (length kept)) (kept ++ [r]) with
             | Some _ => true :: pick_mask p fuel n (kept ++ [r]) rows'
             | None => false :: pick_mask p fuel wanted kept rows'
             end
    end
  end.
Fixpoint chosen {A} (f : list bool) (l : list A) : list A :=
  match f, l with b :: f', a :: l' => if b then a :: chosen f' l' else chosen f' l' | _, _ => [] end.
Lemma in_chosen {A} : forall f (l : list A) a, In a (chosen f l) -> In a l.
Proof. induction f as [|[|] f IH]; intros [|b l] a; cbn [chosen In]; try easy; [|now right; apply IH]. intros [->|H]; [now left|right; now apply IH]. Qed.
Lemma chosen_rel {A B} (R : A -> B -> Prop) l l' : Forall2 R l l' -> forall f, Forall2 R (chosen f l) (chosen f l').
Proof.
  induction 1 as [|a b l l' H K IH]; intros f; [destruct f; constructor|]. destruct f as [|[|] f]; cbn [chosen]; [constructor|constructor; auto|apply IH].
Qed.
(** [d] of the rows are shown to be independent *)
Definition independent_rows (p : Z) (d : nat) (rows : list (list Z)) : bool :=
  let fuel := fuel_of p in
  let l := chosen (pick_mask p fuel d [] rows) rows in
  Nat.eqb (length l) d && match elim p fuel d l with Some _ => true | None => false end.
Lemma independent_rows_ok p (RS : residues p) d rows cols ws : Forall2 (relrow p RS cols) ws rows -> independent_rows p d rows = true ->
  exists f, length (chosen f ws) = d /\ Rlindep cols (chosen f ws).
Proof.
  intros HR H. unfold independent_rows in H. cbv zeta in H. apply andb_prop in H as [H1 H2]. apply Nat.eqb_eq in H1.
  set (f := pick_mask _ _ _ _ _) in *. exists f. assert (K := chosen_rel _ _ _ HR f). split.
  - rewrite <- H1. clear -K. induction K; cbn; congruence.
  - destruct (elim p (fuel_of p) d (chosen f rows)) as [l|] eqn:E; [|easy]. exact (elim_sound p RS (fuel_of p) cols d _ _ l K E).
Qed.

(** ** The check of a chain, for models without named functions *)
Definition qstep := (qfield * list Q)%type.
Definition check_chain (m : model) (mem : member) (p : Z) (th : qvec) (steps : list qstep) (d : nat) : bool :=
  pure mem (m_prog m) && check_setup m mem p th (map fst steps) && forallb (fun s => forallb (qgood p) (snd s)) steps &&
  let gs := chain (opsZ p) (m_nparams m) (map (gconv (qmod p) mem) (m_prog m)) (point_of (opsZ p) (qmod p) (m_nparams m) th)
    (map (fun s => (field_of (qmod p) (fun _ _ => 0%Z) (fst s), map (qmod p) (snd s))) steps) [] in
  independent_rows p d (map (fun g => map (getA (opsZ p) g) (plist (m_nparams m))) gs).
Theorem check_chain_sound m mem p th steps d : check_chain m mem p th steps d = true ->
  forall s, act_derivable s -> poly_acts s mem -> directions m s (qv th) d.
Proof.
  unfold check_chain. cbv zeta. intros H s Hd Hm. apply andb_prop in H as [[[H0 H1]%andb_prop H2]%andb_prop H3].
  destruct (setup_facts m mem p th _ H1) as (Hp & Wf & HM & HG & Ht & HF). rewrite forallb_forall in H2.
  set (M := m_nparams m) in *. set (P := map (gconv Q2R mem) (m_prog m)).
  set (rsteps := map (fun s : qstep => (real_field (fst s), map Q2R (snd s))) steps).
  set (gs := chain opsR M P (point_of opsR Q2R M th) rsteps []).
  set (RS := rational_residues p Hp). assert (OR := opsZ_rel p RS).
  assert (K : Forall2 (wrel (rep p RS) opsR (opsZ p)) gs (chain (opsZ p) M (map (gconv (qmod p) mem) (m_prog m)) (point_of (opsZ p) (qmod p) M th)
    (map (fun s => (field_of (qmod p) (fun _ _ => 0%Z) (fst s), map (qmod p) (snd s))) steps) [])).
  { apply (chain_rel (rep p RS) _ (rep p RS) _ _ _ _ _ _ _ OR); [now apply gconv_rel|intros; now apply pure_fits| | |constructor].
    - apply (point_rel _ _ _ _ _ _ _ OR). now apply qvec_good_ok.
    - unfold rsteps. clear -H2 HF. induction steps as [|st steps IH]; cbn [map]; constructor.
      + cbn [fst snd]. split; [apply (field_rel m); apply HF; now left|]. assert (G := H2 st (or_introl eq_refl)). clear -G.
        induction (snd st) as [|q l IH]; cbn [map forallb] in *; constructor; apply andb_prop in G as [G1 G2]; [now apply qmod_ok|now apply IH].
      + apply IH; [intros st' Hin; apply H2; now right|intros F Hin; apply HF; now right]. }
  assert (KR : Forall2 (relrow p RS (plist M)) (map (getA opsR) gs) (map (fun g => map (getA (opsZ p) g) (plist M)) (chain (opsZ p) M
    (map (gconv (qmod p) mem) (m_prog m)) (point_of (opsZ p) (qmod p) M th) (map (fun s => (field_of (qmod p) (fun _ _ => 0%Z) (fst s),
      map (qmod p) (snd s))) steps) []))).
  { clear H3. induction K as [|g g' l l' Hg K IH]; cbn [map]; constructor; [|exact IH]. unfold relrow. clear -Hg.
    induction (plist M) as [|c cs IH]; cbn [map]; constructor; [apply Hg|exact IH]. }
  destruct (independent_rows_ok p RS d _ _ _ KR H3) as (f & L & HI). exists (chosen f (map (getA opsR) gs)). split; [exact L|]. split; [exact HI|].
  intros rows Hr Hu w Hw. apply in_chosen, in_map_iff in Hw as (g & <- & Hg).
  apply (chain_directions m s mem Hd Hm Wf HM rows Hr (point_of opsR Q2R M th)) with (steps := rsteps) (gs := []); [| |easy|exact Hg].
  - apply (on_real_ext M rows (qv th)); [|exact Hu]. intros i Hi. rewrite (point_real M th i). apply Pos.leb_le in Hi. now rewrite Hi.
  - intros F cs Hin. unfold rsteps in Hin. apply in_map_iff in Hin as (st & [= <- <-] & Hin). apply (field_good_ok m p), HF. now apply in_map.
Qed.

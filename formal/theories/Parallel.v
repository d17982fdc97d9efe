(** * Upper bound 1: all gradients are multiples of one field

    [parallel_lie]: if grad F ∧ X = 0 identically, with X differentiable, then every field of Lie(V), brackets included, is a multiple of X where
    X_j is not 0. [check_parallel_sound]: so dim { V(u) : V in Lie(V) } <= 1 where X_j(u) is a unit modulo p. *)
From Coq Require Import List ZArith QArith Qreals Reals Lia Lra Bool FMapPositive.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Linear Expr Slp Checks Flow Lie Orbit Words Gradient Dimension ModP Residues Numbers Upper.
Import ListNotations.
Local Open Scope R_scope.

Section Parallel.
Variables (m : model) (s : positive -> bool -> R -> R) (X : field) (j : positive).
Let M := m_nparams m.
Hypothesis HX : smooth1 m X.
Hypothesis Hj : (j <= M)%positive.
Hypothesis Hpar : forall o x u i, In o (m_outs m) -> (i <= M)%positive -> grad s (out m o) x u i * X u j = grad s (out m o) x u j * X u i.
Definition along_dir (Y : field) (u v : vec) (i : positive) : R := lsum (map (fun k => v k * partial (fun t => Y t i) k u) (plist M)).

Lemma along_scal Y u v w a i : (forall k, (k <= M)%positive -> v k = a * w k) -> along_dir Y u v i = a * along_dir Y u w i.
Proof. intros H. unfold along_dir. rewrite <- lsum_scal. apply lsum_eq. intros k Hk. apply plist_in in Hk. rewrite (H k Hk). ring. Qed.

Lemma parallel_derive (W : field) u (v : vec) i : smooth1 m W -> (i <= M)%positive -> X u j <> 0 ->
  (forall u, X u j <> 0 -> W u i * X u j = W u j * X u i) ->
  along_dir W u v i * X u j + W u i * along_dir X u v j = along_dir W u v j * X u i + W u j * along_dir X u v i.
Proof.
  intros SW Hi Nz H.
  set (c := line u (cut M v)).
  assert (c0 : c 0 = u) by apply line_0.
  assert (DW : forall k, (k <= M)%positive -> is_derive (fun t => W (c t) k) 0 (along_dir W u v k)) by (intros k Hk; now apply line_derive).
  assert (DX : forall k, (k <= M)%positive -> is_derive (fun t => X (c t) k) 0 (along_dir X u v k)) by (intros k Hk; now apply line_derive).
  assert (P : forall k l, (k <= M)%positive -> (l <= M)%positive ->
     is_derive (fun t => W (c t) k * X (c t) l) 0 (along_dir W u v k * X u l + W u k * along_dir X u v l)).
  { intros k l Hk Hl. assert (K := is_derive_mult (fun t => W (c t) k) (fun t => X (c t) l) 0 _ _ (DW k Hk) (DX l Hl) (fun n p => Rmult_comm n p)).
    cbv beta in K. rewrite c0 in K. exact K. }
  rewrite <- (is_derive_unique _ _ _ (P i j Hi Hj)), <- (is_derive_unique _ _ _ (P j i Hj Hi)).
  apply Derive_ext_loc.
  assert (C : continuous (fun t => X (c t) j) 0) by (apply (@ex_derive_continuous R_AbsRing R_NormedModule); eexists; now apply DX).
  assert (O : locally (X (c 0) j) (fun y => y <> 0)) by (apply open_neq; now rewrite c0).
  assert (O2 : locally 0 (fun t => X (c t) j <> 0)) by exact (C _ O).
  revert O2. apply filter_imp. intros t Ht. now apply H.
Qed.

Theorem parallel_lie V : lie m s V -> forall u, X u j <> 0 -> forall i, (i <= M)%positive -> V u i * X u j = V u j * X u i.
Proof.
  induction 1 as [o x Ho|a b V W _ IHV _ IHW|V W _ IHV _ IHW SV SW|V W E _ IHV]; intros u Nz i Hi.
  - now apply Hpar.
  - assert (A := IHV u Nz i Hi). assert (B := IHW u Nz i Hi).
    transitivity (a * (V u i * X u j) + b * (W u i * X u j)); [ring|]. rewrite A, B. ring.
  - assert (E1 := parallel_derive W u (V u) i SW Hi Nz (fun u' N' => IHW u' N' i Hi)).
    assert (E2 := parallel_derive V u (W u) i SV Hi Nz (fun u' N' => IHV u' N' i Hi)).
    set (a := V u j / X u j). set (b := W u j / X u j).
    assert (EV : forall k, (k <= M)%positive -> V u k = a * X u k).
    { intros k Hk. apply (Rmult_eq_reg_r (X u j)); [|exact Nz]. rewrite (IHV u Nz k Hk). unfold a. field. exact Nz. }
    assert (EW : forall k, (k <= M)%positive -> W u k = b * X u k).
    { intros k Hk. apply (Rmult_eq_reg_r (X u j)); [|exact Nz]. rewrite (IHW u Nz k Hk). unfold b. field. exact Nz. }
    assert (B : forall k, bracket m V W u k = along_dir W u (V u) k - along_dir V u (W u) k).
    { intros k. unfold bracket, along_dir. fold M.
      rewrite (lsum_eq _ (fun l => V u l * partial (fun t => W t k) l u + (-1) * (W u l * partial (fun t => V t k) l u))) by (intros; ring).
      rewrite lsum_plus, lsum_scal. ring. }
    rewrite !B. rewrite (along_scal X u (V u) (X u) a i EV), (along_scal X u (V u) (X u) a j EV), (EW i Hi), (EW j Hj) in E1.
    rewrite (along_scal X u (W u) (X u) b i EW), (along_scal X u (W u) (X u) b j EW), (EV i Hi), (EV j Hj) in E2.
    set (wi := along_dir W u (V u) i) in *. set (wj := along_dir W u (V u) j) in *. set (vi := along_dir V u (W u) i) in *.
      set (vj := along_dir V u (W u) j) in *.
    set (pi := along_dir X u (X u) i) in *. set (pj := along_dir X u (X u) j) in *. clearbody wi wj vi vj pi pj a b. lra.
  - rewrite <- !E by auto. now apply IHV.
Qed.
Theorem parallel_le u : X u j <> 0 -> lie_le m s u 1.
Proof.
  intros Nz Fs HF HI. destruct Fs as [|V [|W Fs]]; [simpl; lia|simpl; lia|]. exfalso.
  assert (PV := parallel_lie V (HF V ltac:(simpl; auto)) u Nz). assert (PW := parallel_lie W (HF W ltac:(simpl; auto)) u Nz).
  assert (Z : forall l : list vec, forall i, lcomb R 0 Rplus Rmult (map (fun _ => 0) l) l i = 0).
  { induction l as [|v l IH]; intros i; cbn; [easy|]. rewrite IH. ring. }
  assert (K := HI (W u j :: - V u j :: map (fun _ => 0) (map (fun V : field => V u) Fs))).
  cbn [map length] in K. rewrite !map_length in K. specialize (K eq_refl).
  assert (K2 : List.Forall (fun g => g = 0) (W u j :: - V u j :: map (fun _ => 0) (map (fun V : field => V u) Fs))).
  { apply K. intros i Hi. apply plist_in in Hi. cbn [lcomb]. rewrite Z. apply (Rmult_eq_reg_r (X u j)); [|exact Nz].
    specialize (PV i Hi). specialize (PW i Hi).
    transitivity (W u j * (V u i * X u j) + - (V u j * (W u i * X u j))); [ring|]. rewrite PV, PW. ring. }
  inversion K2 as [|? ? EW K3]; subst. inversion K3 as [|? ? EV _]; subst. clear K K2 K3.
  assert (V0 : forall i, (i <= M)%positive -> V u i = 0).
  { intros i Hi. specialize (PV i Hi). assert (V u j = 0) by lra. rewrite H, Rmult_0_l in PV. apply Rmult_integral in PV as [?|?]; easy. }
  assert (K := HI (1 :: 0 :: map (fun _ => 0) (map (fun V : field => V u) Fs))).
  cbn [map length] in K. rewrite !map_length in K. specialize (K eq_refl).
  assert (K2 : List.Forall (fun g => g = 0) (1 :: 0 :: map (fun _ => 0) (map (fun V : field => V u) Fs))).
  { apply K. intros i Hi. apply plist_in in Hi. cbn [lcomb]. rewrite Z, (V0 i Hi). ring. }
  inversion K2; subst. now apply R1_neq_R0.
Qed.
End Parallel.

(** ** The check: two symbolic runs, x symbolic and x fixed, with one table of activation atoms *)
Section Two.
Variable m : model.
Variable x0 : qvec.
Definition first_run : st := run1 m idL.
Definition second_run : st := exec {| lT := idT; lX := qleaf x0 |} (par_of m) true 1 (m_prog m) (st0 (table first_run)).
Definition slope (S : st) (i : positive) : PM.t poly := exec_tan (one_at i) (par_of m) S 1 (m_prog m) (PM.empty _).
Variable s : positive -> bool -> R -> R.
Hypothesis Hp : parity_ok s (par_of m).
Hypothesis W : wf_model m = true.
Variables u x : vec.
Definition val2 : positive -> R := val u x (at2 s (unroll (m_prog m)) u u x (qv x0)).
Lemma slopes_ok i o : In o (m_outs m) ->
  peval val2 (getP (slope first_run i) o) = tanE s u x (ebasis i) (out m o) /\
  peval val2 (getP (slope second_run i) o) = tanE s u (qv x0) (ebasis i) (out m o).
Proof.
  intros Ho. assert (HN := wf_out m W o Ho).
  set (E := unroll (m_prog m)). set (argE := argE2 s E u u x (qv x0)).
  assert (Hr : forall a d, val2 (vA d a) = s (fst (argE a)) d (snd (argE a))) by (intros; apply val_at).
  assert (C := covers_unroll _ (wf1 m W)).
  assert (K : forall k, peval val2 (one_at i k) = ebasis i k).
  { intros k. unfold one_at, ebasis. destruct (Pos.eqb k i); [rewrite pcst_ok; apply Q2R_1|reflexivity]. }
  destruct (exec_ok s (par_of m) Hp argE E val2 u x Hr) with
    (L := idL) (tag := false) (p := m_prog m) (next := 1%positive) (S := st0 []) as (A1 & B1 & T1).
  - intros k. change (peval val2 (pvar (vT k)) = u k). now rewrite pvar_ok.
  - intros k. change (peval val2 (pvar (vX k)) = x k). now rewrite pvar_ok.
  - intros n k a Hn. apply ghost1, Hn.
  - apply wf1, W.
  - exact C.
  - intros n Hn; lia.
  - intros n k a Hn; lia.
  - intros k p a [].
  - destruct (exec_ok s (par_of m) Hp argE E val2 u (qv x0) Hr) with
      (L := {| lT := idT; lX := qleaf x0 |}) (tag := true) (p := m_prog m) (next := 1%positive)
      (S := st0 (table (exec idL (par_of m) false 1 (m_prog m) (st0 [])))) as (A2 & B2 & T2).
    + intros k. change (peval val2 (pvar (vT k)) = u k). now rewrite pvar_ok.
    + intros k. apply qleaf_ok.
    + intros n k a Hn. apply ghost2, Hn.
    + apply wf1, W.
    + exact C.
    + intros n Hn; lia.
    + intros n k a Hn; lia.
    + exact T1.
    + split.
      * refine (exec_tan_ok s (par_of m) Hp _ E val2 u x Hr (one_at i) (ebasis i) K
           (m_prog m) first_run (advance 1 (m_prog m)) 1%positive (PM.empty _) _ _ C A1 B1 _ _ o HN);
          [lia|apply wf1, W|intros n Hn; lia|intros n _; apply PM.gempty].
      * refine (exec_tan_ok s (par_of m) Hp _ E val2 u (qv x0) Hr (one_at i) (ebasis i) K
           (m_prog m) second_run (advance 1 (m_prog m)) 1%positive (PM.empty _) _ _ C A2 B2 _ _ o HN);
          [lia|apply wf1, W|intros n Hn; lia|intros n _; apply PM.gempty].
Qed.
End Two.

Definition field_slope (m : model) (F : qfield) (i : positive) : poly :=
  let T := slope m (second_run m (qf_x F)) i in psum (map (fun oc => pscal (snd oc) (getP T (fst oc))) (qf_cov F)).
(** the identity G_i X_j = G_j X_i for all i, outputs and inputs; X_j is a unit modulo p at the point *)
Definition check_parallel (m : model) (mem : member) (p : Z) (b : option bases) (th : qvec) (F : qfield) (j : positive) : bool :=
  system_ok p b && check_setup m mem p th [F] && Pos.leb j (m_nparams m) &&
  match words_det m mem p (base_residue p b) th [F] [[0%nat]] [j] with Some _ => true | None => false end &&
  let S := first_run m in
  let Xj := field_slope m F j in
  let Tj := slope m S j in
  forallb (fun i => let Ti := slope m S i in let Xi := field_slope m F i in
    forallb (fun o => pis0 (psub (pmul (getP Ti o) Xj) (pmul (getP Tj o) Xi))) (m_outs m)) (plist (m_nparams m)).

Theorem check_parallel_sound m mem p b th F j : check_parallel m mem p b th F j = true ->
  forall s, acts_adm m s -> poly_acts s mem -> lie_le m s (qv th) 1.
Proof.
  unfold check_parallel. intros H s [Hd Hp] Hm. apply andb_prop in H as [[[[HB HS]%andb_prop Hj]%andb_prop HW]%andb_prop HI].
  destruct (base_residue_ok p b HB) as (RS & Hbv). cbv zeta in HI.
  apply Pos.leb_le in Hj. rewrite forallb_forall in HI.
  destruct (setup_facts m mem p th [F] HS) as (Hp1 & W & HM & HG & Ht & HF). assert (FG := HF F (or_introl eq_refl)).
  destruct (field_good_ok m p F FG) as [Hne Hc].
  set (X := pfield (wfield m mem [F] [0%nat])).
  assert (EX : forall u i, (i <= m_nparams m)%positive -> X u i = lsum (map (fun oc => Q2R (snd oc) * grad s (out m (fst oc)) (qv (qf_x F)) u i) (qf_cov F))).
  { intros u i Hi. unfold X, pfield, wfield, rev. cbn [word_of map nth wpe].
    assert (Ha : at_point (m_nparams m) opsR (vbuild (m_nparams m) u) u) by (intros k; unfold getA; rewrite vbuild_find;
      now destruct (Pos.leb k (m_nparams m))).
    rewrite <- (grad_ev (m_nparams m) _ opsR (vbuild (m_nparams m) u) u (real_field F) i opsR_ok Ha).
    rewrite (grad_real m s mem Hd Hm W HM (real_field F) _ u (qv (qf_x F))); auto.
    - cbn [real_field field_of gf_cov]. rewrite map_map. reflexivity.
    - intros k Hk. rewrite (Ha k). apply Pos.leb_le in Hk. now rewrite Hk.
    - intros k. apply xmap_real. }
  apply (parallel_le m s X j).
  - apply pfield_smooth.
  - exact Hj.
  - intros o x u i Ho Hi. specialize (HI i (proj2 (plist_in _ i) Hi)). rewrite forallb_forall in HI. specialize (HI o Ho).
    apply (pis0_ok (val2 m (qf_x F) s u x)) in HI. rewrite psub_ok, !pmul_ok in HI.
    assert (FS : forall k, (k <= m_nparams m)%positive -> peval (val2 m (qf_x F) s u x) (field_slope m F k) = X u k).
    { intros k Hk. rewrite (EX u k Hk). unfold field_slope. cbv zeta. rewrite psum_ok, map_map. apply lsum_eq. intros [o' c] Hoc. cbn [fst snd].
      rewrite pscal_ok. f_equal. unfold grad. rewrite partial_tan by exact Hd. apply (slopes_ok m (qf_x F) s Hp W u x k o').
      apply (Hc o' (Q2R c)). cbn. apply in_map_iff. exists (o', c). auto. }
    rewrite !FS in HI by auto. unfold grad. rewrite !partial_tan by exact Hd.
    rewrite (proj1 (slopes_ok m (qf_x F) s Hp W u x i o Ho)), (proj1 (slopes_ok m (qf_x F) s Hp W u x j o Ho)) in HI. lra.
  - destruct (words_det m mem p (base_residue p b) th [F] [[0%nat]] [j]) as [d|] eqn:E; [|easy]. unfold words_det in E.
    destruct (check_setup m mem p th [F] && forallb (word_ok [F]) [[0%nat]] && forallb (fun c => Pos.leb c (m_nparams m)) [j]); [|easy]. destruct (residue_fields _ _ _ _ _ _ _) as [gs|] eqn:Eg; [|easy]. cbv zeta in E.
    destruct (elim p _ _ _) as [l|] eqn:El; [|easy].
    assert (I : Rlindep [j] [X (qv th)]).
    { apply (elim_sound p RS) with (2 := El). constructor; [|constructor].
      apply (word_row_rel m mem p (base_residue p b) _ th [F] RS Hbv HS gs Eg); [reflexivity|]. intros c [<-|[]]. exact Hj. }
    intros Z. revert I Z. generalize (X (qv th)). intros w I Z. specialize (I [1] eq_refl). assert (K : List.Forall (fun g => g = 0) [1]).
    { apply I. intros i [<-|[]]. cbn. rewrite Z. ring. }
    inversion K; subst. now apply R1_neq_R0.
Qed.

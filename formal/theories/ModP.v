(** * Lower bounds for the Lie rank modulo m

    [check_words_sound]: if the words listed, computed modulo m, have a minor that elimination shows to be a unit, then Lie(V) at
    the point has at least as many independent values as there are words, for activations that are the polynomials exhibited, or functions whose
    derivatives at the arguments that occur have known residues. *)
From Coq Require Import List ZArith QArith Qreals Reals Lia Lra Bool FMapPositive Ring.
From Coquelicot Require Import Coquelicot.
From SimCert Require Export Modular Derivatives.
From SimCert Require Import Poly Linear Expr Slp Checks Flow Lie Jets Words Gradient Dimension.
Import ListNotations.
Local Open Scope R_scope.

(** ** The check *)
Definition node_good (p : Z) (mem : member) (n : node) : bool :=
  match n with
  | NCst q => qgood p q
  | NAct k _ => match assoc k mem with Some (KPoly cs) => forallb (qgood p) cs && forallb (qgood p) (dcoef cs) | Some (KFun _) => true | None => false end
  | _ => true
  end.
Definition qvec_good (p : Z) (v : list (positive * Q)) : bool := forallb (fun t => qgood p (snd t)) v.
Definition qfield_shape (m : model) (F : qfield) : bool :=
  match qf_cov F with [] => false | _ => true end && forallb (fun oc => existsb (Pos.eqb (fst oc)) (m_outs m)) (qf_cov F).
Definition qfield_good (m : model) (p : Z) (F : qfield) : bool :=
  qfield_shape m F && qvec_good p (qf_cov F) && qvec_good p (qf_x F).
(** what every lower bound needs: a modulus, a well-formed model with members, and denominators that are units *)
Definition check_setup (m : model) (mem : member) (p : Z) (th : qvec) (fields : list qfield) : bool :=
  Z.ltb 1 p && wf_model m && forallb (has_member mem) (m_prog m) && forallb (node_good p mem) (m_prog m)
  && qvec_good p th && forallb (qfield_good m p) fields.
Definition word_ok (fields : list qfield) (w : list nat) : bool :=
  match w with [] => false | _ => forallb (fun k => Nat.ltb k (length fields)) w end.

(** a field modulo p; the derivatives of its functions are known where their arguments are rational *)
Definition applies {C} (n : gnode C) : bool := match n with GF _ _ => true | _ => false end.
Definition residue_field (m : model) (mem : member) (p : Z) (bv : positive -> Q -> option Z) (depth : nat) (th : qvec) (F : qfield) : option (gfield Z) :=
  let P := map (gconv (fun q : Q => q) mem) (m_prog m) in
  if existsb applies P then
    let V := fwd opsO (point_of opsO (fun q => q) (m_nparams m) th) (xmap (fun q => q) (qf_x F)) (fun _ _ => 0%Q) 1 P (PM.empty _) in
    match jet_table p bv depth V 1 P with
    | Some t => Some (field_of (qmod p) (fun k => match PM.find k t with Some js => js | None => fun _ => 0%Z end) F)
    | None => None
    end
  else Some (field_of (qmod p) (fun _ _ => 0%Z) F).
Fixpoint residue_fields m mem p bv depth th (l : list qfield) : option (list (gfield Z)) :=
  match l with
  | [] => Some []
  | F :: l' => match residue_field m mem p bv depth th F, residue_fields m mem p bv depth th l' with Some g, Some gs => Some (g :: gs) | _, _ => None end
  end.
Definition depth_of (words : list (list nat)) : nat := S (fold_right (fun w n => Nat.max (length w) n) 0%nat words).

Definition word_row (m : model) (p : Z) (P : list (gnode Z)) (TH : PM.t Z) (gs : list (gfield Z)) (cols : list positive) (w : list nat) : list Z :=
  let v := wordvec (m_nparams m) P (zword gs w) (opsZ p) TH in map (getA (opsZ p) v) cols.
(** the determinant modulo p of the words listed in the columns listed, when elimination finds a pivot in every row *)
Definition words_det (m : model) (mem : member) (p : Z) (bv : positive -> Q -> option Z) (th : qvec) (fields : list qfield) (words : list (list nat))
    (cols : list positive) : option Z :=
  if check_setup m mem p th fields && forallb (word_ok fields) words && forallb (fun c => Pos.leb c (m_nparams m)) cols then
    match residue_fields m mem p bv (depth_of words) th fields with
    | Some gs =>
      let P := map (gconv (qmod p) mem) (m_prog m) in
      let TH := point_of (opsZ p) (qmod p) (m_nparams m) th in
      match elim p (fuel_of p) (length words) (map (word_row m p P TH gs cols) words) with
      | Some l => Some (det_of p l)
      | None => None
      end
    | None => None
    end
  else None.
Definition check_words m mem p bv th fields words cols (det : Z) : bool :=
  match words_det m mem p bv th fields words cols with Some d => Z.eqb d det && Nat.eqb (length words) (length cols) | None => false end.

Lemma qvec_good_ok p (RS : residues p) v : qvec_good p v = true -> forall t, In t v -> rep p RS (Q2R (snd t)) (qmod p (snd t)).
Proof. intros H t Ht. unfold qvec_good in H. rewrite forallb_forall in H. now apply qmod_ok, H. Qed.
Lemma gconv_rel p (RS : residues p) mem prog : forallb (has_member mem) prog = true -> forallb (node_good p mem) prog = true ->
  Forall2 (nrel (rep p RS)) (map (gconv Q2R mem) prog) (map (gconv (qmod p) mem) prog).
Proof.
  intros Hm Hg. induction prog as [|n prog IH]; cbn [map forallb] in *; [constructor|].
  apply andb_prop in Hm as [M1 M2]. apply andb_prop in Hg as [G1 G2]. constructor; auto.
  assert (X : forall cs, forallb (qgood p) cs = true -> Forall2 (rep p RS) (map Q2R cs) (map (qmod p) cs)).
  { induction cs as [|c cs IHc]; cbn; [constructor|]. intros H. apply andb_prop in H as [H1 H2]. constructor; [now apply qmod_ok|auto]. }
  destruct n as [q|i|j|l|a b|k a]; cbn [gconv nrel node_good has_member] in *; auto.
  - now apply qmod_ok.
  - destruct (assoc k mem) as [[cs|f]|]; [|now split|easy]. apply andb_prop in G1 as [H1 H2]. cbn. auto.
Qed.
Lemma gconv_all {C} (RC : R -> C -> Prop) f mem prog : (forall q, RC (Q2R q) (f q)) -> Forall2 (nrel RC) (map (gconv Q2R mem) prog) (map (gconv f mem) prog).
Proof.
  intros H. assert (X : forall cs, Forall2 RC (map Q2R cs) (map f cs)) by (induction cs; constructor; auto).
  induction prog as [|n prog IH]; cbn [map]; constructor; auto. destruct n as [q|i|j|l|a b|k a]; cbn [gconv nrel]; auto.
  destruct (assoc k mem) as [[cs|g]|]; cbn; auto.
Qed.
Lemma field_shape_ok m F : qfield_shape m F = true -> field_ok m (real_field F).
Proof.
  unfold qfield_shape. intros H. apply andb_prop in H as [N I]. split.
  - cbn. destruct (qf_cov F); easy.
  - intros o c Ho. cbn in Ho. apply in_map_iff in Ho as ([o' c'] & [= <- _] & Ho). rewrite forallb_forall in I. specialize (I _ Ho). cbn in I.
    apply existsb_exists in I as (o2 & Ho2 & ->%Pos.eqb_eq). exact Ho2.
Qed.
Lemma field_good_ok m p F : qfield_good m p F = true -> field_ok m (real_field F).
Proof. unfold qfield_good. intros H. apply andb_prop in H as [[H _]%andb_prop _]. now apply field_shape_ok. Qed.
Lemma field_rel m p (RS : residues p) F js : qfield_good m p F = true -> frel (rep p RS) (real_field F) (field_of (qmod p) js F).
Proof.
  unfold qfield_good. intros H. apply andb_prop in H as [[_ H]%andb_prop K].
  split; [|apply xmap_rel; now apply qvec_good_ok].
  unfold real_field, field_of; cbn [gf_cov]. induction (qf_cov F) as [|[o c] l IH]; cbn; [constructor|]. cbn in H. apply andb_prop in H as [H1 H2].
  constructor; [split; [easy|now apply qmod_ok]|]. now apply IH.
Qed.
Lemma no_functions {C D} (f : D -> C) Q0 mem (g : Q -> D) prog : forall k, existsb applies (map (gconv g mem) prog) = false ->
  @at_functions C Q0 k (map (gconv (fun q => f (g q)) mem) prog).
Proof.
  induction prog as [|n prog IH]; intros k; cbn [map existsb at_functions]; [easy|]. intros H. apply orb_false_iff in H as [A B]. split; [|now apply IH].
  destruct n as [q|i|j|l|a b|h a]; cbn [gconv] in *; auto. destruct (assoc h mem) as [[cs|f0]|]; cbn in *; easy.
Qed.
Lemma residue_field_ok m mem p bv depth th F g (RS : residues p) : (forall v q z, bv v q = Some z -> rep p RS (base (Q2R q) v) z) ->
  qfield_good m p F = true -> residue_field m mem p bv depth th F = Some g ->
  frel (rep p RS) (real_field F) g /\
  jets_ok (rep p RS) (map (gconv Q2R mem) (m_prog m)) (point_of opsR Q2R (m_nparams m) th) (real_field F) g.
Proof.
  intros Hbv HF. unfold residue_field. cbv zeta. destruct (existsb applies (map (gconv (fun q : Q => q) mem) (m_prog m))) eqn:Ex.
  - destruct (jet_table _ _ _ _ _ _) as [t|] eqn:Et; [|easy]. intros [= <-]. split; [now apply (field_rel m)|].
    destruct (jet_table_ok p bv RS Hbv _ _ _ _ _ Et) as [A _]. unfold jets_ok. cbn [field_of gf_j].
    set (V := fwd opsO _ _ _ _ _ _) in A.
    set (VR := fwd opsR _ _ _ _ _ _).
    assert (W : forall a, exactly (getA opsR VR a) (getA opsO V a)).
    { apply (fwd_rel _ _ _ _ _ opsO_rel).
      - apply (point_rel _ _ _ _ _ _ _ opsO_rel). auto.
      - apply xmap_rel. auto.
      - now apply gconv_all.
      - apply (mrel_wrel _ _ _ _ _ opsO_rel), mrel_empty.
      - apply (fits_all (fun _ _ _ _ => True) opsR _ (real_field F) (field_of (fun q => q) (fun _ _ => 0%Q) F) _). auto. }
    clearbody V VR. clear Ex Et. revert A. generalize 1%positive. induction (m_prog m) as [|n prog IH]; intros k; cbn [map at_functions]; [easy|]. intros [A B]. split; [|now apply IH].
    destruct n as [q|i|j|l|a b|h a]; cbn [gconv] in *; auto. destruct (assoc h mem) as [[cs|f]|]; auto. destruct A as [L (q & Ea & Hj)].
    split; [exact L|]. specialize (W a). rewrite Ea in W. cbn in W. now rewrite W.
  - intros [= <-]. split; [now apply (field_rel m)|]. unfold jets_ok. now apply (no_functions Q2R).
Qed.

Section Setup.
Variables (m : model) (mem : member) (p : Z) (bv : positive -> Q -> option Z) (depth : nat) (th : qvec) (fields : list qfield).
Variable RS : residues p.
Hypothesis Hbv : forall v q z, bv v q = Some z -> rep p RS (base (Q2R q) v) z.
Hypothesis H : check_setup m mem p th fields = true.
Lemma setup_facts : (1 < p)%Z /\ wf_model m = true /\ forallb (has_member mem) (m_prog m) = true /\ forallb (node_good p mem) (m_prog m) = true /\
  qvec_good p th = true /\ forall F, In F fields -> qfield_good m p F = true.
Proof.
  unfold check_setup in H. apply andb_prop in H as [[[[[A B]%andb_prop C]%andb_prop D]%andb_prop E]%andb_prop F].
  rewrite forallb_forall in F. apply Z.ltb_lt in A. auto 10.
Qed.
Lemma word_nth w k : word_ok fields w = true -> In k w -> In (nth k fields dfield) fields.
Proof.
  intros W Hk. apply nth_In. unfold word_ok in W. destruct w as [|a w]; [easy|]. rewrite forallb_forall in W. now apply Nat.ltb_lt, W.
Qed.
Lemma word_fields w : word_ok fields w = true -> word_of fields w <> [] /\ List.Forall (field_ok m) (word_of fields w).
Proof.
  intros W. destruct setup_facts as (Hp & _ & _ & _ & _ & HF). assert (N := fun k => word_nth w k W). split.
  - destruct w; [easy|]. discriminate.
  - unfold word_of. apply Forall_forall. intros F HFi. apply in_map_iff in HFi as (k & <- & Hk). apply (field_good_ok m p), HF, N, Hk.
Qed.
(** the field of a word *)
Definition wfield (w : list nat) : positive -> pe := wpe (m_nparams m) (map (gconv Q2R mem) (m_prog m)) (word_of fields w).
Lemma wfield_lie s w : act_derivable s -> poly_acts s mem -> word_ok fields w = true -> lie m s (pfield (wfield w)).
Proof.
  intros Hd Hm W. destruct setup_facts as (_ & Wf & HM & _). destruct (word_fields w W) as (N & F). now apply (word_lie m s mem).
Qed.
Variable gs : list (gfield Z).
Hypothesis HG : residue_fields m mem p bv depth th fields = Some gs.
Let PR := map (gconv Q2R mem) (m_prog m).
Let TR := point_of opsR Q2R (m_nparams m) th.
Definition field_fits (F : gfield R) (g : gfield Z) : Prop := frel (rep p RS) F g /\ jets_ok (rep p RS) PR TR F g.
Lemma nth_fits k : (k < length fields)%nat -> field_fits (real_field (nth k fields dfield)) (nth k gs zfield).
Proof.
  destruct setup_facts as (_ & _ & _ & _ & _ & HF). clear H. revert gs HG HF k. induction fields as [|F l IH]; intros gs0 HG0 HF k Hk; [cbn in Hk; lia|].
  cbn [residue_fields] in HG0. destruct (residue_field m mem p bv depth th F) as [g|] eqn:Eg; [|easy].
  destruct (residue_fields m mem p bv depth th l) as [gs'|]; [|easy]. injection HG0 as <-. destruct k as [|k]; cbn [nth].
  - apply (residue_field_ok m mem p bv depth th F g RS Hbv); [apply HF; simpl; auto|exact Eg].
  - apply IH; auto; [intros; apply HF; simpl; auto|cbn in Hk; lia].
Qed.
Lemma word_fits w : word_ok fields w = true -> Forall2 field_fits (word_of fields w) (zword gs w).
Proof.
  intros W. assert (N : forall k, In k w -> (k < length fields)%nat).
  { intros k Hk. unfold word_ok in W. destruct w; [easy|]. rewrite forallb_forall in W. now apply Nat.ltb_lt, W. }
  clear W. unfold word_of, zword. induction w as [|k w IH]; cbn; constructor; [apply nth_fits, N; simpl; auto|]. apply IH. intros; apply N; simpl; auto.
Qed.
Lemma point_low k : (m_nparams m < k)%positive -> getA opsR TR k = 0.
Proof. intros Hk. unfold TR. rewrite (point_real (m_nparams m) th k). destruct (Pos.leb_spec k (m_nparams m)); [lia|reflexivity]. Qed.
Lemma word_row_rel w cols : word_ok fields w = true -> (forall c, In c cols -> (c <= m_nparams m)%positive) ->
  relrow p RS cols (pfield (wfield w) (qv th)) (word_row m p (map (gconv (qmod p) mem) (m_prog m)) (point_of (opsZ p) (qmod p) (m_nparams m) th) gs cols w).
Proof.
  intros W Hc. destruct setup_facts as (Hp & _ & HM & HGd & Ht & _). assert (Hw := word_fits w W).
  assert (OR := opsZ_rel p RS).
  assert (K := wordvec_rel (rep p RS) (m_nparams m) _ _ _ _ TR point_low (gconv_rel p RS mem _ HM HGd) Hw R Z (rep p RS) opsR (opsZ p) _ constant_R OR
     TR (point_of (opsZ p) (qmod p) (m_nparams m) th)).
  assert (Hth : wrel (rep p RS) opsR (opsZ p) TR (point_of (opsZ p) (qmod p) (m_nparams m) th)).
  { apply (point_rel _ _ _ _ _ _ _ OR). now apply qvec_good_ok. }
  specialize (K Hth (fun _ => eq_refl)). assert (KW := mrel_wrel (rep p RS) _ (rep p RS) _ _ OR _ _ K).
  unfold relrow, word_row. cbv zeta. induction cols as [|c cols IH]; cbn [map]; constructor.
  - unfold pfield, rev, wfield. rewrite <- (word_ev (m_nparams m) _ _ R opsR _ _ opsR_ok (point_real (m_nparams m) th) c) by (apply Hc; simpl; auto).
    apply KW.
  - apply IH. intros; apply Hc; simpl; auto.
Qed.
End Setup.

Section Words.
Variables (m : model) (mem : member) (p : Z) (bv : positive -> Q -> option Z) (RS : residues p).
Hypothesis Hbv : forall v q z, bv v q = Some z -> rep p RS (base (Q2R q) v) z.
Theorem words_det_sound th fields words cols d : words_det m mem p bv th fields words cols = Some d ->
  forall s, act_derivable s -> poly_acts s mem -> lie_ge m s (qv th) (length words).
Proof.
  unfold words_det. intros H s Hd Hm.
  destruct (check_setup m mem p th fields && forallb (word_ok fields) words && forallb (fun c => Pos.leb c (m_nparams m)) cols) eqn:E; [|easy].
  apply andb_prop in E as [[S W]%andb_prop C]. destruct (residue_fields _ _ _ _ _ _ _) as [gs|] eqn:Eg; [|easy]. cbv zeta in H. rewrite forallb_forall in W, C.
  destruct (elim p _ _ _) as [l|] eqn:El; [|easy]. clear H d.
  exists (map (fun w => pfield (wfield m mem fields w)) words). split; [now rewrite map_length|]. split.
  - intros V HV. apply in_map_iff in HV as (w & <- & Hw). apply (wfield_lie m mem p th fields S); auto.
  - rewrite map_map. apply (lindep_incl R 0 Rplus Rmult cols).
    + intros c Hc. apply plist_in. now apply Pos.leb_le, C.
    + apply (elim_sound p RS) with (2 := El). clear El. revert Eg. generalize (depth_of words). intros depth Eg.
      induction words as [|w words IH]; cbn [map]; constructor; [|apply IH; intros; apply W; simpl; auto].
      apply (word_row_rel m mem p bv depth th fields RS Hbv S gs Eg); [apply W; simpl; auto|]. intros c Hc. now apply Pos.leb_le, C.
Qed.
Theorem check_words_sound th fields words cols det : check_words m mem p bv th fields words cols det = true ->
  forall s, act_derivable s -> poly_acts s mem -> lie_ge m s (qv th) (length words).
Proof. unfold check_words. destruct (words_det m mem p bv th fields words cols) as [d|] eqn:E; [|easy]. intros _. now apply (words_det_sound th fields words cols d). Qed.
End Words.
(** residues where only rational values are used *)
Definition rational_base (p : Z) (v : positive) (q : Q) : option Z :=
  match exact_base v q with Some r => if qgood p r then Some (qmod p r) else None | None => None end.
Lemma rational_base_ok p (RS : residues p) v q z : rational_base p v q = Some z -> rep p RS (base (Q2R q) v) z.
Proof.
  unfold rational_base. destruct (exact_base v q) as [r|] eqn:E; [|easy]. destruct (qgood p r) eqn:G; [|easy]. intros [= <-].
  rewrite (exact_base_ok v q r E). now apply qmod_ok.
Qed.
(** no named functions: nothing has to be known of derivatives *)
Definition pure (mem : member) (prog : list node) : bool :=
  negb (existsb (fun n => match n with NAct k _ => match assoc k mem with Some (KFun _) => true | _ => false end | _ => false end) prog).
Lemma pure_fits {C D A} (J : fn -> (nat -> C) -> (nat -> D) -> A -> Prop) (O : ops C A) (f : Q -> C) mem prog (F : gfield C) (F' : gfield D) th :
  pure mem prog = true -> @fits C D A J O (map (gconv f mem) prog) F F' th.
Proof.
  intros H. unfold pure in H. apply negb_true_iff in H.
  assert (G : forall n, existsb (fun n => match n with NAct k _ => match assoc k mem with Some (KFun _) => true | _ => false end | _ => false end) [n] = false ->
    match gconv f mem n with GF _ _ => False | _ => True end).
  { intros [q|i|j|l|a b|k a]; cbn; auto. destruct (assoc k mem) as [[cs|g]|]; cbn; auto. }
  split.
  - generalize 1%positive (PM.empty A). induction prog as [|n prog IH]; intros k V; cbn [map fwd_fits]; [easy|]. cbn [existsb] in H.
    apply orb_false_iff in H as [H1 H2]. split; [|now apply IH]. assert (K := G n). cbn [existsb] in K. rewrite H1 in K. specialize (K eq_refl).
    destruct (gconv f mem n); auto. destruct K.
  - generalize (fwd O th (gf_x F) (gf_j F) 1 (map (gconv f mem) prog) (PM.empty A)). intros V. generalize 1%positive.
    induction prog as [|n prog IH]; intros k; cbn [map at_functions]; [easy|]. cbn [existsb] in H.
    apply orb_false_iff in H as [H1 H2]. split; [|now apply IH]. assert (K := G n). cbn [existsb] in K. rewrite H1 in K. specialize (K eq_refl).
    destruct (gconv f mem n); auto. destruct K.
Qed.

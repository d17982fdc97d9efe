(** * Derivatives of named functions as residues

    A forward pass with exact rationals finds the arguments of named functions that are rational at a point; [jets_res]: residues of all derivatives of a
    function there, from residues of the base functions of Jets.v. *)
From Coq Require Import List ZArith QArith Qreals Reals Lia Lra Bool FMapPositive Ring.
From Coquelicot Require Import Coquelicot.
From SimCert Require Export Modular.
From SimCert Require Import Poly Linear Expr Slp Checks Flow Lie Jets Words Gradient Dimension.
Import ListNotations.
Local Open Scope R_scope.

(** ** Fields over Q, and their images *)
Record qfield := { qf_cov : list (positive * Q); qf_x : qvec }.
Definition xmap {C} (f : Q -> C) (v : qvec) : PM.t C := fold_right (fun t mp => PM.add (fst t) (f (snd t)) mp) (PM.empty C) v.
Definition field_of {C} (f : Q -> C) (js : positive -> nat -> C) (F : qfield) : gfield C :=
  {| gf_cov := map (fun oc => (fst oc, f (snd oc))) (qf_cov F); gf_x := xmap f (qf_x F); gf_j := js |}.
Definition real_field : qfield -> gfield R := field_of Q2R (fun _ _ => 0).
Definition point_of {C A} (O : ops C A) (f : Q -> C) (M : positive) (th : qvec) : PM.t A :=
  let mp := xmap f th in vbuild M (fun i => getC O mp i).
Definition dfield : qfield := {| qf_cov := []; qf_x := [] |}.
Definition word_of (fields : list qfield) (w : list nat) : list (gfield R) := map (fun k => real_field (nth k fields dfield)) w.
Definition zfield : gfield Z := {| gf_cov := []; gf_x := PM.empty Z; gf_j := fun _ _ => 0%Z |}.
Definition zword (gs : list (gfield Z)) (w : list nat) : list (gfield Z) := map (fun k => nth k gs zfield) w.

Lemma xmap_real v j : getC opsR (xmap Q2R v) j = qv v j.
Proof.
  unfold getC, qv, xmap. induction v as [|[i q] v IH]; cbn [fold_right assoc fst snd]; [now rewrite PM.gempty|].
  destruct (Pos.eqb_spec j i) as [->|N]; [now rewrite PM.gss|]. rewrite PM.gso by auto. exact IH.
Qed.
Lemma point_real M th : at_point M opsR (point_of opsR Q2R M th) (qv th).
Proof. intros k. unfold getA, point_of. rewrite vbuild_find, xmap_real. now destruct (Pos.leb k M). Qed.
Lemma xmap_rel {C} (RC : R -> C -> Prop) f v : (forall t, In t v -> RC (Q2R (snd t)) (f (snd t))) -> mrel RC (xmap Q2R v) (xmap f v).
Proof.
  intros H. induction v as [|[i q] v IH]; cbn [xmap fold_right].
  - intros k. now rewrite !PM.gempty.
  - intros k. cbn [fst snd]. destruct (Pos.eq_dec k i) as [->|N].
    + rewrite !PM.gss. apply (H (i, q)). simpl; auto.
    + rewrite !PM.gso by auto. apply IH. intros; apply H; simpl; auto.
Qed.
Lemma point_rel {C A} RC J (R0 : R -> A -> Prop) (O : ops C A) f M th : orel RC J R0 opsR O -> (forall t, In t th -> RC (Q2R (snd t)) (f (snd t))) ->
  wrel R0 opsR O (point_of opsR Q2R M th) (point_of O f M th).
Proof.
  intros H Hf. apply (mrel_wrel RC J R0 _ _ H). apply vbuild_rel. intros i. apply (getC_rel RC J R0 _ _ H). now apply xmap_rel.
Qed.

(** ** Arguments of functions: exact rationals, where they are *)
Definition at_zero (f : fn) : option Q :=
  match f with
  | FTanh | FSilu | FExpm1 | FSinh | FLogcosh | FSin | FArctan => Some 0%Q | FSigmoid => Some (1 # 2)%Q
  | FExp | FCosh | FGaussian | FCos => Some 1%Q | FSoftplus => None
  end.
Definition opsO : ops Q (option Q) := {|
  oz := Some 0%Q;
  oadd := fun a b => match a, b with Some x, Some y => Some (qadd x y) | _, _ => None end;
  omul := fun a b => match a, b with
    | Some x, Some y => Some (qmul x y) | Some x, None | None, Some x => if qzero x then Some 0%Q else None | None, None => None end;
  oneg := fun a => match a with Some x => Some (qopp x) | None => None end;
  ocst := Some;
  ofun := fun f _ n a => match n, a with O, Some x => if qzero x then at_zero f else None | _, _ => None end |}.
Definition exactly (r : R) (o : option Q) : Prop := match o with Some q => r = Q2R q | None => True end.
Lemma at_zero_ok f q : at_zero f = Some q -> jetR f 0 0 = Q2R q.
Proof.
  assert (E : exp 0 = 1) by apply exp_0. assert (H : Q2R (1 # 2) = / 2) by (unfold Q2R; cbn; lra).
  rewrite jet_fun. destruct f; cbn [at_zero fn_fun]; intros [= <-]; rewrite ?Q2R_0, ?Q2R_1, ?H; unfold tanh, sinh, cosh; rewrite ?Ropp_0, ?Rmult_0_l, ?Ropp_0,
    ?E; try (field; lra); try lra; auto using sin_0, cos_0, atan_0.
  replace ((1 + 1) / 2) with 1 by field. apply ln_1.
Qed.
Lemma opsO_rel : orel (fun r q => r = Q2R q) (fun _ _ _ _ => True) exactly opsR opsO.
Proof.
  split; cbn.
  - now rewrite Q2R_0.
  - intros a a' [b|] [b'|]; cbn; auto. intros -> ->. now rewrite qadd_ok.
  - intros a a' [b|] [b'|]; cbn; auto.
    + intros -> ->. now rewrite qmul_ok.
    + intros -> _. destruct (qzero b) eqn:E; [|exact I]. cbn. rewrite (qzero_ok _ E), Q2R_0. ring.
    + intros _ ->. destruct (qzero b') eqn:E; [|exact I]. cbn. rewrite (qzero_ok _ E), Q2R_0. ring.
  - intros a [b|]; cbn; auto. intros ->. now rewrite qopp_ok.
  - auto.
  - intros f _ _ [|n] a [b|] _; cbn; auto. intros ->. destruct (qzero b) eqn:E; [|exact I]. rewrite (qzero_ok _ E).
    destruct (at_zero f) as [q|] eqn:Ef; [|exact I]. now apply at_zero_ok.
Qed.

(** ** Base functions whose value is rational *)
Definition exact_base (v : positive) (q : Q) : option Q :=
  if qzero q then
    match v with
    | 1 | 3 | 6 | 8 | 11 | 13 => Some 0%Q | 2 | 5 | 7 | 9 | 10 => Some 1%Q | 4 => Some (1 # 2)%Q | _ => None
    end%positive
  else match v with 1%positive => Some q | 10%positive => Some (Qinv (qadd 1 (qmul q q))) | _ => None end.
Lemma exact_base_ok v q r : exact_base v q = Some r -> base (Q2R q) v = Q2R r.
Proof.
  assert (E : exp 0 = 1) by apply exp_0. assert (H : Q2R (1 # 2) = / 2) by (unfold Q2R; cbn; lra).
  unfold exact_base. destruct (qzero q) eqn:Z.
  - rewrite (qzero_ok _ Z). intros K.
    assert (C : (v = 1 \/ v = 2 \/ v = 3 \/ v = 4 \/ v = 5 \/ v = 6 \/ v = 7 \/ v = 8 \/ v = 9 \/ v = 10 \/ v = 11 \/ v = 13)%positive)
      by (destruct v as [[[[v|v|]|[v|v|]|]|[[v|v|]|[v|v|]|]|]|[[[v|v|]|[v|v|]|]|[[v|v|]|[v|v|]|]|]|]; try discriminate K; auto 20).
    destruct C as [->|[->|[->|[->|[->|[->|[->|[->|[->|[->|[->| ->]]]]]]]]]]]; injection K as <-; cbn [base]; rewrite ?Q2R_0, ?Q2R_1, ?H;
      unfold tanh, sinh, cosh; rewrite ?Ropp_0, ?Rmult_0_l, ?Ropp_0, ?E; try (field; lra); try lra; auto using sin_0, cos_0, atan_0.
    replace ((1 + 1) / 2) with 1 by field. apply ln_1.
  - intros K.
    assert (C : (v = 1 \/ v = 10)%positive)
      by (destruct v as [[[[v|v|]|[v|v|]|]|[[v|v|]|[v|v|]|]|]|[[[v|v|]|[v|v|]|]|[[v|v|]|[v|v|]|]|]|]; try discriminate K; auto).
    destruct C as [->| ->]; injection K as <-; cbn [base]; [reflexivity|].
    assert (X : Q2R (qadd 1 (qmul q q)) = 1 + Q2R q * Q2R q) by now rewrite qadd_ok, qmul_ok, Q2R_1.
    rewrite Q2R_inv, X; [reflexivity|]. intros Y. apply Qeq_eqR in Y. rewrite Q2R_0, X in Y. nra.
Qed.

(** ** Residues of derivatives; [bv v q] is a residue of base function v at q *)
Section Derivatives.
Variable p : Z.
Variable bv : positive -> Q -> option Z.
Definition zmod (z : positive -> Z) (P : zpoly) : Z :=
  fold_right (fun t a => Z.modulo (snd t * fold_right (fun v b => Z.modulo (z v * b) p) 1 (fst t) + a) p)%Z 0%Z P.
Fixpoint base_table (l : list positive) (q : Q) : option (list (positive * Z)) :=
  match l with
  | [] => Some []
  | v :: l' => match bv v q, base_table l' q with Some z, Some t => Some ((v, z) :: t) | _, _ => None end
  end.
Fixpoint jet_polys (f : fn) (P : zpoly) (n : nat) : list zpoly := match n with O => [] | S n' => P :: jet_polys f (dpoly f P) n' end.
(** derivatives of f at q; the first [depth] are tabulated *)
Definition jets_res (depth : nat) (f : fn) (q : Q) : option (nat -> Z) :=
  match base_table (needed f) q with
  | Some t =>
    let z := fun v => match assoc v t with Some a => a | None => 0%Z end in
    let cache := map (zmod z) (jet_polys f (start f) depth) in
    Some (fun n => match nth_error cache n with Some a => a | None => zmod z (jetP f n) end)
  | None => None
  end.
Fixpoint jet_table (depth : nat) (V : PM.t (option Q)) (next : positive) (P : list (gnode Q)) : option (PM.t (nat -> Z)) :=
  match P with
  | [] => Some (PM.empty _)
  | n :: P' =>
    match jet_table depth V (Pos.succ next) P' with
    | Some t =>
      match n with
      | GF f a => match (if Pos.ltb a next then getA opsO V a else None) with
                  | Some q => match jets_res depth f q with Some js => Some (PM.add next js t) | None => None end
                  | None => None end
      | _ => Some t
      end
    | None => None
    end
  end.

Variable RS : residues p.
Hypothesis Hbv : forall v q z, bv v q = Some z -> rep p RS (base (Q2R q) v) z.
Lemma zmod_ok r z P : (forall v, rep p RS (r v) (z v)) -> rep p RS (zeval r P) (zmod z P).
Proof.
  intros H. unfold zeval, zmod. induction P as [|[m c] P IH]; cbn [fold_right fst snd]; [apply (rep_int p RS 0)|].
  apply rep_mod, rep_plus; [|exact IH]. apply rep_times; [apply rep_int|]. clear IH. unfold zm.
  induction m as [|v m IH]; cbn [fold_right]; [apply (rep_int p RS 1)|]. apply rep_mod. now apply rep_times.
Qed.
Lemma base_table_ok q : forall l t, base_table l q = Some t -> forall v, match assoc v t with
  | Some z => In v l /\ rep p RS (base (Q2R q) v) z | None => ~ In v l end.
Proof.
  induction l as [|w l IH]; cbn [base_table]; intros t H v; [injection H as <-; cbn; tauto|].
  destruct (bv w q) as [z|] eqn:Ez; [|easy]. destruct (base_table l q) as [t'|]; [|easy]. injection H as <-. cbn [assoc].
  destruct (Pos.eqb_spec v w) as [->|N]; [split; [simpl; auto|now apply Hbv]|]. specialize (IH t' eq_refl v).
  destruct (assoc v t'); [split; [simpl; tauto|tauto]|]. simpl. intros [->|X]; tauto.
Qed.
Lemma jet_polys_ok f n : forall k P, nth_error (jet_polys f (jetP f k) n) P = if Nat.ltb P n then Some (jetP f (P + k)) else None.
Proof.
  induction n as [|n IH]; intros k [|P]; cbn [jet_polys nth_error]; try reflexivity. change (dpoly f (jetP f k)) with (jetP f (S k)). rewrite IH.
  change (Nat.ltb (S P) (S n)) with (Nat.ltb P n). now replace (P + S k)%nat with (S P + k)%nat by lia.
Qed.
Lemma jets_res_ok depth f q js : jets_res depth f q = Some js -> jets_at (rep p RS) f (Q2R q) js.
Proof.
  unfold jets_res. destruct (base_table (needed f) q) as [t|] eqn:Et; [|easy]. intros [= <-] n.
  set (z := fun v => match assoc v t with Some a => a | None => 0%Z end).
  assert (Z : forall v, rep p RS (basef f (Q2R q) v) (z v)).
  { intros v. unfold basef, z. assert (K := base_table_ok q _ t Et v). unfold needs. destruct (existsb (Pos.eqb v) (needed f)) eqn:E.
    - apply existsb_exists in E as (w & Hw & ->%Pos.eqb_eq). destruct (assoc w t); [apply K|now destruct K].
    - destruct (assoc v t); [|apply (rep_int p RS 0)]. destruct K as [K _]. exfalso.
      assert (X : existsb (Pos.eqb v) (needed f) = true) by (apply existsb_exists; exists v; split; [exact K|apply Pos.eqb_refl]). congruence. }
  assert (X : rep p RS (jetR f n (Q2R q)) (zmod z (jetP f n))) by now apply zmod_ok.
  rewrite nth_error_map. change (start f) with (jetP f 0). rewrite jet_polys_ok. destruct (Nat.ltb n depth); cbn [option_map]; [|exact X].
  now rewrite Nat.add_0_r.
Qed.
Lemma jet_table_ok depth V : forall P next t, jet_table depth V next P = Some t ->
  at_functions (fun k f a => (a < k)%positive /\ exists q, getA opsO V a = Some q /\
    jets_at (rep p RS) f (Q2R q) (match PM.find k t with Some js => js | None => fun _ => 0%Z end)) next P /\
  forall k, (k < next)%positive -> PM.find k t = None.
Proof.
  induction P as [|n P IH]; intros next t; cbn [jet_table at_functions]; [intros [= <-]; split; [easy|]; intros; apply PM.gempty|].
  destruct (jet_table depth V (Pos.succ next) P) as [t'|] eqn:Et; [|easy]. destruct (IH _ _ Et) as [A B]. clear IH Et.
  destruct n as [c|i|j|l|a b|cs ds a|f a]; try (intros [= <-]; split; [split; [easy|exact A]|]; intros k Hk; apply B; lia).
  destruct (Pos.ltb_spec a next) as [L|L]; [|easy].
  destruct (getA opsO V a) as [q|] eqn:Ea; [|easy]. destruct (jets_res depth f q) as [js|] eqn:Ej; [|easy]. intros [= <-]. split.
  - split.
    + split; [exact L|]. exists q. split; [reflexivity|]. rewrite PM.gss. now apply (jets_res_ok depth).
    + assert (G : forall (Q0 : list (gnode Q)) k, (next < k)%positive -> at_functions (fun k f a => (a < k)%positive /\ exists q, getA opsO V a = Some q /\
        jets_at (rep p RS) f (Q2R q) (match PM.find k t' with Some js => js | None => fun _ => 0%Z end)) k Q0 ->
        at_functions (fun k f a => (a < k)%positive /\ exists q, getA opsO V a = Some q /\
        jets_at (rep p RS) f (Q2R q) (match PM.find k (PM.add next js t') with Some js => js | None => fun _ => 0%Z end)) k Q0).
      { clear. induction Q0 as [|n Q0 IH]; intros k Hk; cbn [at_functions]; [easy|]. intros [X Y]. split; [|apply IH; [lia|exact Y]].
        destruct n; auto. rewrite PM.gso by lia. exact X. }
      apply G; [lia|exact A].
  - intros k Hk. rewrite PM.gso by lia. apply B. lia.
Qed.
End Derivatives.
